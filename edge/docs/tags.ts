/** What the tags of the operations are about, in the order in which a reader wants them. */
export const tags: Readonly<Record<string, string>> = {
  OAuth: 'Tokens: how to get, renew, inspect and end them.',
  Domains: 'A domain is a tenant. Domains under another one can never have more than it.',
  Users: 'People and systems of a domain. `username@domain` is unique.',
  Credentials: 'What users and OAuth clients prove who they are with, and accounts at third parties.',
  Federation: 'OpenID Connect providers that users of a domain may log in with.',
  Sessions: 'Devices that are connected, logins, and who is reachable where.',
  'Users groups': 'Hunt groups: a call to one rings all participants, and the first to accept stops the rest.',
  Meetings: 'Rooms that are open for a while to those invited, and to whoever holds the link.',
  Contacts: 'Address books: of a user, of a domain, of a users group.',
  Calls: 'Records of calls that have ended.',
  'SIP mappings': 'Which user or group an identity in the SIP network is.',
  Settings: 'What applications keep for a user, and what holds in its domain.',
  Webhooks: 'Where the events of a domain are sent, what became of them, and how to get them again.',
  'Login control': 'Failed logins, alarms, and whether a token is good.',
  'Audit log': 'What admins have changed.',
  Events: 'What is sent to webhooks: one entry for each type.',
}
