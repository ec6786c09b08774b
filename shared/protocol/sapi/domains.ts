import { z } from 'zod'
import { settingsLayerSchema } from '../settings.ts'
import { jurisdictionSchema } from '../tokens.ts'
import { capabilitiesSchema, domainNameSchema } from './names.ts'
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
  /** Forced (`+name`) and pruned (`-name`) capabilities of all users of the domain. */
  capabilities: capabilitiesSchema.default([]),
  settings: settingsLayerSchema.default({}),
  /** Where the domain's objects may be kept; decided once, and for child domains by their parent. */
  jurisdiction: jurisdictionSchema.nullable().optional(),
  disabled: z.boolean().default(false),
}

export const createDomainSchema = z.object({
  domain: domainNameSchema,
  /** Absent: none, or for a domain admin its own domain. */
  parent: domainNameSchema.nullable().optional(),
  origins: originsSchema.default([]),
  enableAnonymous: z.boolean().default(false),
  services: servicesSchema.default({}),
  ...optionalFields,
})
export type CreateDomain = z.infer<typeof createDomainSchema>

/** Replaces the domain: what is optional and absent returns to its default. */
export const replaceDomainSchema = z.object({
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
  /** Milliseconds since the epoch. */
  created: z.number(),
})
export type DomainView = z.infer<typeof domainSchema>

export const listDomainsQuerySchema = pageQuerySchema

export const deleteDomainQuerySchema = z.object({
  /** Removes the domain's children and users with it; otherwise they are a conflict. */
  cascade: z.stringbool().default(false),
})

export const deletedDomainSchema = z.object({
  id: z.string(),
  removed: z.object({ domains: z.number(), users: z.number(), credentials: z.number(), logins: z.number() }),
})
export type DeletedDomain = z.infer<typeof deletedDomainSchema>
