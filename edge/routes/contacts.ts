import { contactOperations } from '#shared/protocol/sapi/contacts.ts'
import {
  changeEntry,
  createEntry,
  getContact,
  getExternalEntry,
  removeEntryFor,
  removeExternalEntry,
  synchronizeEntry,
} from '#edge/services/contact-entries.ts'
import { listContacts } from '#edge/services/contacts.ts'
import { etagOf } from './kit/etag.ts'
import { implement } from './kit/operations.ts'

/** CONT-1. */
export const contactRoutes = implement(contactOperations, {
  listContacts: ({ scope, actor, query }) => listContacts(scope, actor, query),
  createContact: ({ scope, actor, body }) => createEntry(scope, actor, body),
  getSynchronizedContact: ({ scope, actor, params, query }) => getExternalEntry(scope, actor, { ...query, ...params }),
  synchronizeContact: async ({ scope, actor, params, query, change }) => {
    const { view, isNew } = await synchronizeEntry(scope, actor, { ...query, ...params }, change)
    if (!isNew) return view
    // RFC 9110 §9.3.4: what a PUT has created is answered as created.
    return Response.json(view, { status: 201, headers: { location: `/sapi/contacts/${view.id}`, etag: await etagOf(view) } })
  },
  removeSynchronizedContact: ({ scope, actor, params, query, expect }) =>
    removeExternalEntry(scope, actor, { ...query, ...params }, expect),
  getContact: ({ scope, actor, params }) => getContact(scope, actor, params.id),
  replaceContact: ({ scope, actor, params, change }) => changeEntry(scope, actor, params.id, change),
  updateContact: ({ scope, actor, params, change }) => changeEntry(scope, actor, params.id, change),
  deleteContact: ({ scope, actor, params, expect }) => removeEntryFor(scope, actor, params.id, expect),
})
