import { z } from 'zod'
import { settingsLayerSchema } from '../settings.ts'
import { jurisdictionSchema } from '../tokens.ts'
import { capabilitiesSchema, domainNameSchema } from './names.ts'
import { created, defineOperations, idParamsSchema, page, resource, result } from './operation.ts'
import { originPatternSchema } from './origins.ts'
import { pageQuerySchema } from './paging.ts'
import { servicesSchema } from './services.ts'

/** `/sapi/domains` (DOM-1, DOM-2). In bodies, `domain` and `parent` are names. */

const originsSchema = z
  .array(originPatternSchema.nullable())
  .max(64)
  .transform((origins) => [...new Set(origins.filter((origin) => origin !== null))])

/** Milliseconds; 0: as long as any access token. */
const anonymousExpirationSchema = z.number().int().min(0).max(86_400_000)

const optionalFields = {
  anonymousExpiration: anonymousExpirationSchema.default(0),
  anonymousCapabilities: capabilitiesSchema.default([]),
  capabilities: capabilitiesSchema.default([]).describe('Forced (`+name`) and pruned (`-name`) capabilities of all users of the domain.'),
  settings: settingsLayerSchema.default({}),
  jurisdiction: jurisdictionSchema
    .nullable()
    .optional()
    .describe("Where the domain's objects may be kept; decided once, and for child domains by their parent."),
  disabled: z.boolean().default(false),
}

const createDomainSchema = z.object({
  domain: domainNameSchema,
  parent: domainNameSchema.nullable().optional().describe('Absent: none, or for a domain admin its own domain.'),
  origins: originsSchema.default([]),
  enableAnonymous: z.boolean().default(false),
  services: servicesSchema.default({}),
  ...optionalFields,
})
export type CreateDomain = z.infer<typeof createDomainSchema>

/** Replaces the domain: what is optional and absent returns to its default. */
const replaceDomainSchema = z.object({
  domain: domainNameSchema,
  parent: domainNameSchema.nullable(),
  origins: originsSchema,
  enableAnonymous: z.boolean(),
  services: servicesSchema,
  ...optionalFields,
})
export type ReplaceDomain = z.infer<typeof replaceDomainSchema>

export const domainSchema = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  domain: z.string(),
  origins: z.array(z.string()),
  enableAnonymous: z.boolean(),
  anonymousExpiration: z.number(),
  anonymousCapabilities: z.array(z.string()),
  capabilities: z.array(z.string()),
  services: servicesSchema,
  settings: settingsLayerSchema,
  jurisdiction: jurisdictionSchema.nullable(),
  disabled: z.boolean(),
  created: z.number().describe('Milliseconds since the epoch.'),
})
export type DomainView = z.infer<typeof domainSchema>

const listDomainsQuerySchema = pageQuerySchema.extend({
  domain: domainNameSchema.optional().describe('The exact name.'),
  parent: domainNameSchema.optional().describe('Only its direct children.'),
  q: z.string().trim().max(128).optional().describe('Part of the name.'),
})
export type ListDomainsQuery = z.infer<typeof listDomainsQuerySchema>

const deleteDomainQuerySchema = z.object({
  cascade: z.stringbool().default(false).describe("Removes the domain's children and users with it; otherwise they are a conflict."),
})

export const deletedDomainSchema = z.object({
  id: z.string(),
  removed: z.object({ domains: z.number(), users: z.number(), credentials: z.number(), logins: z.number() }),
})
export type DeletedDomain = z.infer<typeof deletedDomainSchema>

const tag = 'Domains'

export const domainOperations = defineOperations({
  listDomains: {
    method: 'get',
    path: '/domains',
    tag,
    summary: 'List domains',
    description: 'Admins see the domains they administer, everybody else its own.',
    access: 'anonymous',
    query: listDomainsQuerySchema,
    answer: page(domainSchema),
    errors: ['notFound'],
  },
  createDomain: {
    method: 'post',
    path: '/domains',
    tag,
    summary: 'Create a domain',
    description: 'A domain is a tenant. Under a parent, it can never have more than the parent: services, capabilities and limits.',
    access: 'admin',
    body: createDomainSchema,
    answer: created(domainSchema),
    errors: ['conflict', 'notFound'],
  },
  getDomain: {
    method: 'get',
    path: '/domains/:id',
    tag,
    summary: 'Read a domain',
    description: 'Admins read the domains they administer, everybody else its own.',
    access: 'anonymous',
    params: idParamsSchema,
    answer: resource(domainSchema),
    errors: ['notFound'],
  },
  replaceDomain: {
    method: 'put',
    path: '/domains/:id',
    tag,
    summary: 'Replace a domain',
    description:
      'Optional fields that are left out return to their defaults. The admin of a domain changes neither its place nor its services and limits.',
    access: 'admin',
    params: idParamsSchema,
    body: replaceDomainSchema,
    answer: resource(domainSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  updateDomain: {
    method: 'patch',
    path: '/domains/:id',
    tag,
    summary: 'Change some fields of a domain',
    access: 'admin',
    params: idParamsSchema,
    body: replaceDomainSchema,
    answer: resource(domainSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  deleteDomain: {
    method: 'delete',
    path: '/domains/:id',
    tag,
    summary: 'Delete a domain',
    description:
      'A domain that still has children or users is a conflict, and the answer says how many; with `cascade=true` they go with it.',
    access: 'admin',
    params: idParamsSchema,
    query: deleteDomainQuerySchema,
    answer: result(deletedDomainSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
})
