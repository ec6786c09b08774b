import { z } from 'zod'
import { defineOperations, idParamsSchema, none, page } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/consents`: which OAuth clients a user lets act for it (AUTH-1). */

export const consentSchema = z.object({
  id: z.string().describe("The client's id."),
  name: z.string().describe('As the client is called.'),
  scope: z.array(z.string()).describe('What the user has allowed.'),
  granted: z.number().describe('Milliseconds since the epoch.'),
})
export type ConsentView = z.infer<typeof consentSchema>

const tag = 'OAuth'

export const consentOperations = defineOperations({
  listConsents: {
    method: 'get',
    path: '/consents',
    tag,
    summary: 'List the applications that you have let act for you',
    access: 'user',
    query: pageQuerySchema,
    answer: page(consentSchema),
  },
  withdrawConsent: {
    method: 'delete',
    path: '/consents/:id',
    tag,
    summary: 'Let an application act for you no more',
    description: 'Its tokens are refused from now on, and you are asked again before it gets others.',
    access: 'user',
    params: idParamsSchema,
    answer: none,
    errors: ['notFound'],
  },
})
