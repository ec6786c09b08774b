import { env } from 'cloudflare:workers'
import { asc, eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { database } from './database.ts'
import { noteEvent } from './outgoing-events.ts'
import { outgoingEvents } from './schema/outgoing-events.ts'

const { DB } = env as unknown as { DB: D1Database }
const db = database(DB)

beforeEach(async () => {
  await DB.prepare('delete from outgoing_events').run()
})

const noted = (domainId: string) =>
  db.select().from(outgoingEvents).where(eq(outgoingEvents.domainId, domainId)).orderBy(asc(outgoingEvents.seq))

const userCreated = (domainId: string, username = 'bob') =>
  ({ type: 'user.created', domainId, data: { userId: newId(), username }, now: 1000 }) as const

describe('noted events', () => {
  it('are numbered without gaps, each domain by itself, however many write at once', async () => {
    const [a, b] = [newId(), newId()]
    await Promise.all([a, b, a, a, b, a].map((domainId) => noteEvent(db, userCreated(domainId))))
    await db.batch([noteEvent(db, userCreated(a)), noteEvent(db, userCreated(a, "o'brien"))])
    expect((await noted(a)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
    expect((await noted(b)).map(({ seq }) => seq)).toEqual([1, 2])
    expect((await noted(a)).at(-1)).toMatchObject({
      type: 'user.created',
      path: `/${a}/`,
      data: { username: "o'brien" },
      occurredAt: 1000,
      deliveredAt: null,
    })
  })

  it('go with the batch they stand in, and leave no gap', async () => {
    const a = newId()
    await noteEvent(db, userCreated(a))
    await expect(db.batch([noteEvent(db, userCreated(a)), db.run(sql`insert into outgoing_events (id) values ('x')`)])).rejects.toThrow()
    await noteEvent(db, userCreated(a))
    expect((await noted(a)).map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('are noted where the statement before changed something, if that is asked for', async () => {
    const a = newId()
    await noteEvent(db, userCreated(a))
    const change = (type: string) =>
      db.batch([
        db.update(outgoingEvents).set({ occurredAt: 2000 }).where(eq(outgoingEvents.type, type)),
        noteEvent(db, userCreated(a), { ifChanged: true }),
      ])
    await change('no such type')
    expect(await noted(a)).toHaveLength(1)
    await change('user.created')
    expect(await noted(a)).toHaveLength(2)
  })
})
