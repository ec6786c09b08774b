/** What the tags of the operations are about, in the order in which a reader wants them. */
export const tags: Readonly<Record<string, string>> = {
  OAuth: 'Tokens: how to get, renew, inspect and end them.',
  Domains: 'A domain is a tenant. Domains under another one can never have more than it.',
  Users: 'People and systems of a domain. `username@domain` is unique.',
  Credentials: 'What users and OAuth clients prove who they are with, and accounts at third parties.',
}
