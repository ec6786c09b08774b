/** What the tags of the operations are about, in the order in which a reader wants them. */
export const tags: Readonly<Record<string, string>> = {
  OAuth: 'Tokens: how to get, renew, inspect and end them.',
  Domains: 'A domain is a tenant. Domains under another one can never have more than it.',
  Users: 'People and systems of a domain. `username@domain` is unique.',
  Credentials: 'What users and OAuth clients prove who they are with, and accounts at third parties.',
  'Users groups': 'Hunt groups: a call to one rings all its participants, and the first to accept stops the rest.',
  Contacts: 'Address books: private, shared in a domain, of a users group, and the users of the domain.',
  Settings: 'What applications keep for a user, and the rules of its domain.',
  Calls: 'Who called whom: call records for billing, and the call history of each user.',
}
