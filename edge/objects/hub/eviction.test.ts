import { evictDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { resetBench } from './fixture/bench.ts'
import { enter, onlineOf, toldOf } from './fixture/inspect.ts'
import { type Device, newInvite, Person } from './fixture/people.ts'

beforeEach(resetBench)

describe('eviction between any two steps', () => {
  it('changes nothing', async () => {
    const undisturbed = await lifeOf(async () => {})
    expect(undisturbed.events.length).toBeGreaterThan(8)
    for (let step = 0; step <= undisturbed.steps; step += 1) {
      resetBench()
      const disturbed = await lifeOf(async (bob, now) => {
        if (now === step) await evictDurableObject(bob.hub)
      })
      expect(disturbed, `evicted after step ${step}`).toEqual(undisturbed)
    }
  })
})

/** A day in the life of a user with two devices; what they heard, free of ids that differ from run to run. */
async function lifeOf(between: (bob: Person, step: number) => Promise<void>) {
  const bob = new Person()
  const ids = new Map<string, string>()
  const named = (value: unknown): unknown => {
    let text = JSON.stringify(value)
    for (const [id, name] of ids) text = text.replaceAll(id, name)
    return JSON.parse(text.replaceAll(/"(createdAt|expiresAt|enteredAt)":\d+/g, '"$1":0'))
  }
  const [phone, laptop] = [await bob.device(), await bob.device()]
  const [first, second, third] = [newInvite(), newInvite(), newInvite()]
  ids.set(bob.identity.userId, 'bob').set(phone.sessionId, 'phone').set(laptop.sessionId, 'laptop')
  for (const [name, invite] of Object.entries({ first, second, third })) ids.set(invite.inviteId, name).set(invite.roomId, `room-${name}`)
  let resumed: Device | undefined
  const steps = [
    () => bob.ring(first),
    () => phone.ask('DELETE', `/invites/${first.inviteId}`),
    () => bob.ring(second),
    () => bob.hub.endInvite({ ...second, reason: 'acceptedElsewhere', exceptSessionId: laptop.sessionId }),
    () => enter(bob, second.roomId, { sessionId: laptop.sessionId }),
    () => laptop.lose(),
    async () => {
      await expect.poll(() => onlineOf(bob)).toEqual([phone.sessionId])
    },
    () => bob.ring(third, { allowInvitesWhileInCall: true }),
    async () => (resumed = await bob.device({ sessionId: laptop.sessionId, lastSeq: 4 })).opened,
    () => bob.hub.leaveRoom({ roomId: second.roomId, sessionId: laptop.sessionId }),
    () => bob.hub.endInvite({ ...third, reason: 'timeout' }),
    () => resumed?.ask('GET', `/sessions/${laptop.sessionId}`, undefined, 'last'),
    () => phone.ask('GET', `/sessions/${phone.sessionId}`, undefined, 'last'),
  ]
  const outcomes: unknown[] = []
  for (const [index, step] of steps.entries()) {
    const outcome = await step()
    outcomes.push(outcome ?? null)
    await between(bob, index)
  }
  const events = [phone, laptop, resumed].map((device) => device?.socket.untaken ?? [])
  for (const device of [phone, resumed]) device?.socket.close()
  const withoutIds = outcomes.map((outcome) => JSON.parse(JSON.stringify(outcome).replaceAll(/"id":"[^"]+"/g, '"id":""')))
  return { steps: steps.length, outcomes: named(withoutIds), events: events.flat().map(named), told: named(toldOf(bob)) }
}
