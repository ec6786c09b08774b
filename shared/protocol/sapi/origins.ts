import { z } from 'zod'

/**
 * A host, or hosts by one wildcard label: `*.acme.com` is every host under acme.com, at any depth;
 * `demo.acme.*` has exactly one label in the place of the star. Patterns are anchored at both ends and
 * never regular expressions. A wildcard needs two literal labels, so that no pattern claims a whole
 * top-level domain.
 */
export const originPatternSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(\.\*)?$/, {
    message: 'Not a host name, optionally with * as its first or last label',
  })
  .refine((pattern) => !pattern.includes('*') || literalLabels(pattern) >= 2, { message: 'A wildcard needs two literal labels beside it' })
  .refine((pattern) => pattern.indexOf('*') === pattern.lastIndexOf('*'), { message: 'Only one wildcard' })

const literalLabels = (pattern: string): number => pattern.split('.').filter((label) => label !== '*').length
