import { sipMappingOperations } from '#shared/protocol/sapi/sip-mappings.ts'
import {
  createSipMapping,
  getSipMapping,
  listSipMappingsFor,
  ownSipIdentity,
  removeSipMapping,
  removeSipMappingOf,
  replaceNamedSipMapping,
  replaceSipMapping,
} from '#edge/services/sip-mappings.ts'
import { implement } from './kit/operations.ts'

/** SIPMAP-1. */
export const sipMappingRoutes = implement(sipMappingOperations, {
  listSipMappings: ({ scope, actor, query }) => listSipMappingsFor(scope, actor, query),
  createSipMapping: ({ scope, actor, body }) => createSipMapping(scope, actor, body),
  replaceNamedSipMapping: ({ scope, actor, body, change }) => replaceNamedSipMapping(scope, actor, body, change),
  deleteSipMappingOf: ({ scope, actor, query, expect }) => removeSipMappingOf(scope, actor, query.ownerUri, expect),
  getOwnSipIdentity: ({ scope, actor }) => ownSipIdentity(scope, actor),
  getSipMapping: ({ scope, actor, params }) => getSipMapping(scope, actor, params.id),
  replaceSipMapping: ({ scope, actor, params, change }) => replaceSipMapping(scope, actor, params.id, change),
  updateSipMapping: ({ scope, actor, params, change }) => replaceSipMapping(scope, actor, params.id, change),
  deleteSipMapping: ({ scope, actor, params, expect }) => removeSipMapping(scope, actor, params.id, expect),
})
