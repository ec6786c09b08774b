import type { z } from 'zod'
import type { operations } from '#shared/protocol/sapi/operations.ts'

type Table = typeof operations

/** What may be sent to each operation that takes a body. A merge patch is any part of it. */
type Examples = {
  readonly [Id in keyof Table as Table[Id] extends { body: z.ZodType } ? Id : never]: Table[Id] extends {
    method: 'patch'
    body: infer Body extends z.ZodType
  }
    ? Partial<z.input<Body>>
    : Table[Id] extends { body: infer Body extends z.ZodType }
      ? z.input<Body>
      : never
}

const services = { login: [], contacts: ['wac'], callcontrol: [], presence: [] }

const meeting = { name: 'Figures', participants: ['grace@example.com'], validSince: 1_800_000_000_000, validUntil: 1_800_003_600_000 }

const sipMapping = {
  ownerUri: 'wac-user:0199d1c2-7f0e-7cc0-b2c5-0f6d2e7a9b11',
  credential: { username: '205', password: 'of the SIP network' },
}
const webhook: z.input<Table['replaceWebhook']['body']> = { url: 'https://acme.example/ringway', events: ['call.ended', 'user.created'] }

/** Bodies as a developer would first send them; the schemas are held against them. A new operation with a body needs one here. */
export const examples: Examples = {
  createDomain: { domain: 'acme.example', origins: ['www.acme.example', '*.acme.example'], enableAnonymous: true, services },
  replaceDomain: { domain: 'acme.example', parent: null, origins: ['www.acme.example'], enableAnonymous: false, services },
  updateDomain: { origins: ['www.acme.example', 'shop.acme.example'] },
  createUser: { domain: 'acme.example', username: 'alice', email: 'alice@acme.example', role: 'user', alias: 'Alice Adams' },
  replaceUser: {
    domain: 'acme.example',
    username: 'alice',
    email: 'alice@acme.example',
    role: 'user',
    capabilities: ['+recording', '-screen-sharing'],
    mobilePhone: ['+43 660 1234567'],
    alias: 'Alice Adams',
  },
  updateUser: { alias: 'Alice B. Adams', landLineNumber: '+43 1 2345678' },
  createOAuthProvider: {
    domain: 'acme.example',
    name: 'entra',
    displayName: 'Acme account',
    issuer: 'https://login.example/tenant/v2.0',
    clientId: '5b8f1c0e-3a55-4a9b-8b58-4f0c2d4e6a11',
    clientSecret: 'as the provider gave it',
    createOAuthUser: true,
  },
  replaceOAuthProvider: { name: 'entra', issuer: 'https://login.example/tenant/v2.0', clientId: '5b8f1c0e-3a55-4a9b-8b58-4f0c2d4e6a11' },
  updateOAuthProvider: { displayName: 'Sign in with Acme', enabled: false },
  createOAuthIdentity: {
    user: '0199d1c2-7f0e-7cc0-b2c5-0f6d2e7a9b11',
    provider: 'entra',
    subject: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  },
  createGroup: { name: 'Sales' },
  replaceGroup: { name: 'Sales, Vienna' },
  updateGroup: { name: 'Sales, Vienna' },
  addGroupParticipant: { userId: 'wac-user:0199d1c2-7f0e-7cc0-b2c5-0f6d2e7a9b11' },
  createMeeting: meeting,
  replaceMeeting: { ...meeting, participants: ['grace@example.com', '+436601234567'] },
  updateMeeting: { name: 'Quarterly figures' },
  createContact: {
    kind: 'private',
    name: 'Zoë Núñez',
    phones: ['+34 986 112233'],
    emails: ['zoe@acme.example'],
    company: 'Acme',
    favourite: true,
  },
  synchronizeContact: { name: 'Zoë Núñez', phones: ['+34 986 112233'], emails: ['zoe@acme.example'], company: 'Acme' },
  replaceContact: { name: 'Zoë Núñez', phones: ['+34 986 112233'], emails: ['zoe@acme.example'], company: 'Acme' },
  updateContact: { note: 'Prefers to be called in the morning.', favourite: false },
  replaceSettings: { theme: 'dark', ringtone: 'bell' },
  updateSettings: { theme: null },
  createCredential: { type: 'basic', user: '0199d1c2-7f0e-7cc0-b2c5-0f6d2e7a9b11', data: { password: 'correct horse battery staple' } },
  replaceCredential: {
    context: {},
    lease: 0,
    data: { username: 'alice', authserver: 'wss://sip.example/ws', iceserver: [{ urls: 'turns:turn.example:443' }] },
  },
  updateCredential: { lease: 86_400 },
  changeOwnPassword: { current: 'correct horse battery staple', password: 'a better one' },
  createSipMapping: sipMapping,
  replaceNamedSipMapping: sipMapping,
  replaceSipMapping: sipMapping,
  updateSipMapping: { credential: { username: '206' } },
  createWebhook: webhook,
  replaceWebhook: { ...webhook, events: [] },
  updateWebhook: { enabled: false },
  rotateWebhookSecret: { grace: 86_400 },
  replayWebhook: { after: '' },
  checkIdentity: { token: 'eyJhbGciOiJFZERTQSIs…' },
}
