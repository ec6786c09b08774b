import { domainOperations } from '#shared/protocol/sapi/domains.ts'
import { changeDomain, createDomain, getDomain, listDomainsFor, removeDomain } from '#edge/services/domains.ts'
import { implement } from './kit/operations.ts'

/** DOM-2. */
export const domainRoutes = implement(domainOperations, {
  listDomains: ({ scope, actor, query }) => listDomainsFor(scope, actor, query),
  createDomain: ({ scope, actor, body }) => createDomain(scope, actor, body),
  getDomain: ({ scope, actor, params }) => getDomain(scope, actor, params.id),
  replaceDomain: ({ scope, actor, params, change }) => changeDomain(scope, actor, params.id, change),
  updateDomain: ({ scope, actor, params, change }) => changeDomain(scope, actor, params.id, change),
  deleteDomain: ({ scope, actor, params, query, expect }) => removeDomain(scope, actor, params.id, { ...query, expect }),
})
