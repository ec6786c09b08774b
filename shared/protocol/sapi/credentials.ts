import { z } from 'zod'
import { domainNameSchema } from './names.ts'

/** `basic`: a user's password. `client`: a program of the domain, for the client_credentials grant. */
export const credentialTypeSchema = z.enum(['basic', 'client'])
export type CredentialType = z.infer<typeof credentialTypeSchema>
void domainNameSchema
