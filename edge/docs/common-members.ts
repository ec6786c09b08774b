/**
 * What members mean that many resources have. Each schema may describe its own members better; these stand in
 * where it does not, so that no reader has to guess.
 */
const meanings: Readonly<Record<string, string>> = {
  id: 'Opaque.',
  uri: 'How others refer to it: `wac-user:<id>`, `wac-group:<id>` or `wac-meeting:<id>`.',
  domain: 'Name of a domain.',
  parent: 'Name of the domain above it; null: none.',
  user: 'Id of a user.',
  userId: 'Id of a user.',
  domainId: 'Id of a domain.',
  username: 'A user name, in its domain or as `name@domain`.',
  name: 'What it is called.',
  email: 'An e-mail address; empty: none.',
  role: 'What it may do: `platform-admin`, `admin`, `user` or `anonymous`.',
  capabilities: 'Rules: `+name` forces a capability and `-name` prunes it.',
  anonymousCapabilities: 'The same for visitors without an account.',
  anonymousExpiration: 'Milliseconds that a visitor may stay; 0: as long as an access token is good.',
  enableAnonymous: 'Whether visitors may log in without an account.',
  origins: 'Hosts whose pages belong to the domain, with `*` as the first or last label at most.',
  services: 'Services that its users may use, each with its backends. What is not listed is refused.',
  settings: 'Options that differ from those of the domain above or of the deployment.',
  jurisdiction: 'Where its data may be kept; decided once. Null: anywhere.',
  disabled: 'True: nobody can log in to it.',
  enabled: 'False: it is kept, and out of use.',
  mobilePhone: 'Telephone numbers.',
  landLineNumber: 'A telephone number; empty: none.',
  created: 'When it was made, in milliseconds since the epoch.',
  createdAt: 'Milliseconds since the epoch.',
  startedAt: 'Milliseconds since the epoch.',
  endedAt: 'Milliseconds since the epoch.',
  expires: 'When it ends by itself, in milliseconds since the epoch; null: never.',
  lease: 'Seconds that it is good for; 0: without end.',
  data: 'What its type needs, without secrets.',
  context: 'Whatever the application wants to keep beside it.',
  removed: 'How much of each went with it.',
  roomId: 'Id of a room.',
  callId: 'Id of one life of a room: of a call.',
  participants: 'Who is or was in it.',
  phones: 'Telephone numbers.',
  emails: 'E-mail addresses.',
  address: 'IP address that the request came from; null: not known.',
  client_id: 'Id of the client, where it is not proved by HTTP Basic.',
  client_secret: 'Secret of the client, where it is not proved by HTTP Basic.',
  limit: 'Most items of one page.',
  cursor: 'Where the page begins: from the `Link` to it; opaque.',
  q: 'Part of a name.',
}

interface Described {
  description?: string
  $ref?: string
}

/** Fills in what has no description. */
export function describeCommon(name: string, member: Described): void {
  if (member.description === undefined && Object.hasOwn(meanings, name)) member.description = meanings[name] ?? ''
}
