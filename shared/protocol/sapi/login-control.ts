import { z } from 'zod'
import { ledgerQuerySchema } from './ledger.ts'
import { defineOperations, page } from './operation.ts'

/** `/sapi/loginStats`, `/sapi/loginFailures` and `/sapi/alarms`: what a domain's admins learn of failed logins (AUTH-4). */

/** `slowed`: refused unseen, because too many before it had failed. */
export const loginFailureReasonSchema = z.enum([
  'unknownUser',
  'wrongPassword',
  'credentialExpired',
  'userDisabled',
  'serviceNotEnabled',
  'slowed',
  'invalidClient',
  'tokenReused',
  'provider',
])
export type LoginFailureReason = z.infer<typeof loginFailureReasonSchema>

const timeSchema = z.number().describe('Milliseconds since the epoch')

export const loginFailureSchema = z.object({
  id: z.string(),
  at: timeSchema,
  service: z.literal('Login'),
  reason: loginFailureReasonSchema,
  account: z.string().describe('As it was given: a user name with domain, or the id of a client'),
  userId: z.string().nullable().describe('Null: nobody of the domain.'),
  address: z.string().nullable(),
})
export type LoginFailure = z.infer<typeof loginFailureSchema>

export const loginStatSchema = z.object({
  stat: z.literal('Failed login'),
  service: z.literal('Login'),
  from: timeSchema.describe('Beginning of the hour that is counted, in milliseconds since the epoch'),
  reason: loginFailureReasonSchema,
  count: z.number().int(),
})
export type LoginStat = z.infer<typeof loginStatSchema>

export const loginAlarmSchema = z.object({
  id: z.string(),
  at: timeSchema,
  service: z.literal('Login'),
  account: z.string(),
  userId: z.string().nullable(),
  address: z.string().nullable().describe('Of the failure that raised it'),
  failures: z.number().int(),
  seconds: z.number().int(),
})
export type LoginAlarm = z.infer<typeof loginAlarmSchema>

const common = { method: 'get', tag: 'Login control', access: 'admin', query: ledgerQuerySchema, errors: ['notFound'] } as const

export const loginControlOperations = defineOperations({
  listLoginStats: {
    ...common,
    path: '/loginStats',
    summary: 'Count the failed logins of a month, by hour and reason, newest first',
    answer: page(loginStatSchema),
  },
  listLoginFailures: {
    ...common,
    path: '/loginFailures',
    summary: 'List the last failed logins of a month, newest first',
    description: 'The newest 10,000 of a domain and month are kept.',
    answer: page(loginFailureSchema),
  },
  listAlarms: {
    ...common,
    path: '/alarms',
    summary: 'List the alarms of a month, newest first',
    answer: page(loginAlarmSchema),
  },
})
