import { z } from 'zod'

/** Names in identity and tenancy. They compare without case and are kept in lower case. */

/** The part before `@`. `anonymous-…` and `client-…` are kept for callers that have no user record. */
export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._+-]*$/, { message: 'Letters, digits and . _ + - only, beginning with a letter or digit' })
  .refine((name) => !/^(anonymous|client)-/.test(name), { message: 'This beginning is reserved' })

/** DNS-shaped, one label or more. */
export const domainNameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/, { message: 'Not a domain name' })

/** `name`, or `+name` to force and `-name` to prune it (CAP-1). */
export const capabilitySchema = z
  .string()
  .trim()
  .max(65)
  .regex(/^[+-]?[a-z0-9][a-z0-9._:-]*$/i, { message: 'Not a capability name' })

export const capabilitiesSchema = z.array(capabilitySchema).max(128)

/** The same as one text, parted by commas. */
export const capabilityListSchema = z
  .string()
  .trim()
  .max(4096)
  .regex(/^([+-]?[a-z0-9][a-z0-9._:-]{0,63}( *, *[+-]?[a-z0-9][a-z0-9._:-]{0,63})*)?$/i, {
    message: 'Not capability names parted by commas',
  })
