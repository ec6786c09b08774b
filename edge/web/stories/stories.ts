import type { Phone } from '../webphone/state/Phone.ts'
import type { FakeClient, FakeClientOptions } from './FakeClient.ts'
import { people } from './FakeClient.ts'

export interface Story {
  readonly client?: FakeClientOptions
  /** What happens once the page is up. */
  readonly play?: (stage: { client: FakeClient; phone: Phone }) => void | Promise<void>
}

const { bob, carol, dave, erin, farid, grace, hugo, ines } = people
const on = { camera: true } as const

/** Every state that the webphone shows, by name. */
export const stories = {
  unreachable: { client: { unreachable: true } },
  'signed-out': { client: { signedIn: false } },
  'signed-out-providers': {
    client: {
      signedIn: false,
      providers: [
        { name: 'northwind', displayName: 'Northwind' },
        { name: 'long', displayName: 'Consorcio Intermunicipal de Servicios' },
      ],
    },
  },
  'signing-in': {
    client: { signedIn: false, hang: true },
    play: ({ phone }) => void phone.session.signIn({ username: 'alice', password: 'x' }),
  },
  'sign-in-error': {
    client: { signedIn: false, refuse: 'invalidGrant' },
    play: ({ phone }) => phone.session.signIn({ username: 'alice', password: 'x' }),
  },
  'session-ended': { client: { signedIn: false }, play: ({ client }) => client.emit('sessionEnded', { reason: 'unauthenticated' }) },
  home: {},
  'home-loading': { client: { contacts: 'loading' } },
  'home-empty': { client: { contacts: 'none' } },
  'home-failed': { client: { contacts: 'failed' } },
  'home-search': { play: ({ phone }) => later(() => phone.contacts.search('ca')) },
  'home-dial': { play: ({ phone }) => later(() => phone.contacts.search('lena@contoso')) },
  'home-offline': { client: { state: 'reconnecting' } },
  contact: { play: ({ phone }) => phone.route.become({ view: 'contact', username: carol.username }) },
  'join-conference': { play: ({ phone }) => phone.route.become({ view: 'join', roomId: 'wac-conf48213907715526840913' }) },
  starting: { client: { hang: true }, play: ({ phone }) => void phone.calls.dial(bob.username, { video: true }) },
  ringing: { play: ({ client }) => void client.enter({ state: 'ringing', ringing: [bob], me: on }) },
  'incoming-audio': { play: ({ client }) => client.ring(bob, { video: false }) },
  'incoming-video': { play: ({ client }) => client.ring(carol, { video: true }) },
  'incoming-in-call': {
    play: ({ client }) => {
      client.enter({ others: [{ ...bob, ...on }], me: on })
      client.ring(carol, { video: true })
    },
  },
  'call-audio': { play: ({ client }) => void client.enter({ others: [{ ...bob, speaking: true }] }) },
  'call-video': { play: ({ client }) => void client.enter({ others: [{ ...bob, ...on, speaking: true }], me: on }) },
  'call-muted': { play: ({ client }) => void client.enter({ others: [{ ...bob, ...on, muted: true }], me: { muted: true } }) },
  'call-three': {
    play: ({ client }) => void client.enter({ others: [{ ...bob, ...on, speaking: true }, carol], ringing: [dave], me: on }),
  },
  'call-five': {
    play: ({ client }) =>
      void client.enter({
        others: [
          { ...bob, ...on },
          { ...carol, ...on, speaking: true },
          { ...dave, muted: true },
          { ...erin, ...on },
        ],
        me: on,
        locked: true,
      }),
  },
  'call-nine': {
    play: ({ client }) =>
      void client.enter({
        others: [
          { ...bob, ...on },
          { ...carol, ...on, speaking: true },
          { ...dave, muted: true },
          { ...erin, ...on },
          farid,
          { ...grace, ...on },
          { ...hugo, connected: false, ...on },
          ines,
        ],
        me: on,
        kind: 'conference',
      }),
  },
  'call-screen': {
    play: ({ client }) =>
      void client.enter({
        others: [
          { ...bob, ...on, screen: true, speaking: true },
          { ...carol, ...on },
          { ...dave, muted: true },
        ],
        me: on,
      }),
  },
  'call-reconnecting-party': { play: ({ client }) => void client.enter({ others: [{ ...bob, ...on, connected: false }], me: on }) },
  'call-reconnecting': {
    client: { state: 'reconnecting' },
    play: ({ client }) => void client.enter({ others: [{ ...bob, ...on }], me: on, state: 'reconnecting' }),
  },
  'call-refused': {
    play: ({ client, phone }) => {
      client.enter({ others: [{ ...bob, ...on }] })
      const { phase } = phone.calls.state
      if (phase.kind === 'call') phase.controller.setRefusals({ microphone: 'deviceNotAllowed', camera: 'deviceNotFound' })
    },
  },
  'call-minimised': {
    play: ({ client, phone }) => {
      client.enter({ others: [{ ...bob, ...on }], me: on })
      return later(() => phone.route.go({ view: 'home' }))
    },
  },
  'call-people': {
    play: ({ client }) => (
      client.enter({
        others: [
          { ...bob, ...on },
          { ...carol, muted: true },
        ],
        ringing: [dave],
        me: on,
      }),
      press('control-participants')
    ),
  },
  'call-add': { play: ({ client }) => (client.enter({ others: [{ ...bob, ...on }], ringing: [dave], me: on }), press('control-add')) },
  'call-devices': {
    play: ({ client }) => (client.enter({ others: [{ ...bob, ...on }], me: on }), press('control-more', 'control-devices')),
  },
  'call-end-options': { play: ({ client }) => (client.enter({ others: [bob, carol], me: on }), press('end-options')) },
  'account-menu': { play: () => press('account-menu') },
  shortcuts: { play: () => press('account-menu', 'open-shortcuts') },
  'conference-waiting': { play: ({ client }) => void client.enter({ kind: 'conference', me: on }) },
  notices: {
    play: ({ client, phone }) => {
      client.enter({
        others: [
          { ...bob, ...on },
          { ...carol, ...on },
        ],
        me: on,
      })
      phone.notices.show('notice.joined', { values: { name: carol.displayName } })
      phone.notices.show('error.roomFull', { tone: 'error' })
    },
  },
  'ended-declined': {
    play: ({ client }) => {
      const call = client.enter({ state: 'ringing', ringing: [bob] })
      const invite = [...call.outgoingInvites.values()][0]
      if (invite !== undefined) call.refuse(invite, 'declined')
      client.end(call, 'unanswered')
    },
  },
  'ended-hung-up': { play: ({ client }) => client.end(client.enter({ others: [bob] }), 'lastParticipant') },
  'ended-failed': { play: ({ client }) => client.end(client.enter({ others: [bob, carol] }), 'connectionLost') },
  'ended-unknown': { client: { refuse: 'userUnknown' }, play: ({ phone }) => phone.calls.dial('nobody', { video: false }) },
} as const satisfies Record<string, Story>

export type StoryName = keyof typeof stories

export const isStoryName = (name: string): name is StoryName => Object.hasOwn(stories, name)

/** Once the page is up, after what it does by itself then. */
const later = async (action: () => unknown): Promise<void> => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50))
  while (document.querySelector('[data-testid="search"], [data-testid="call-state"]') === null) await pause()
  await pause()
  await action()
}

/** Presses buttons one after the other; one that this size of page does not have is left out. */
const press = (...testIds: readonly string[]): Promise<void> =>
  later(async () => {
    for (const testId of testIds) {
      document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.click()
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  })
