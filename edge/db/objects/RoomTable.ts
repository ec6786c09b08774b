import { z } from 'zod'
import {
  accessSchema,
  hostSchema,
  inviteSchema,
  participantSchema,
  publicationSchema,
  roomRecordSchema,
  type RoomState,
} from '#edge/domain/room/state.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const collections = {
  participant: participantSchema,
  publication: publicationSchema,
  invite: inviteSchema,
  host: hostSchema,
  access: accessSchema,
} as const

type Collection = keyof typeof collections

const row = z.object({ kind: z.string(), id: z.string(), body: jsonColumn })

/** The records of a room, one row each, so that a change writes only what it changed. */
export class RoomTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'room',
      steps: ['CREATE TABLE records (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID'],
    })
    this.#sql = storage.sql
  }

  load(): RoomState | null {
    const rows = rowsOf(row, this.#sql.exec('SELECT kind, id, body FROM records'))
    const room = rows.find(({ kind }) => kind === 'room')
    if (room === undefined) return null
    const collect = <Name extends Collection>(name: Name): ReadonlyMap<string, z.infer<(typeof collections)[Name]>> => {
      const schema: z.ZodType = collections[name]
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The schema of this very name has parsed each body.
      return new Map(rows.filter(({ kind }) => kind === name).map(({ id, body }) => [id, schema.parse(body)])) as ReadonlyMap<
        string,
        z.infer<(typeof collections)[Name]>
      >
    }
    return {
      room: roomRecordSchema.parse(room.body),
      participants: collect('participant'),
      publications: collect('publication'),
      invites: collect('invite'),
      hosts: collect('host'),
      access: collect('access'),
    }
  }

  /** Writes what differs between two states. Records are never mutated, so identity tells. */
  save(before: RoomState | null, after: RoomState): void {
    if (before?.room !== after.room) this.#put('room', '', after.room)
    this.#saveCollection('participant', before?.participants, after.participants)
    this.#saveCollection('publication', before?.publications, after.publications)
    this.#saveCollection('invite', before?.invites, after.invites)
    this.#saveCollection('host', before?.hosts, after.hosts)
    this.#saveCollection('access', before?.access, after.access)
  }

  clear(): void {
    this.#sql.exec('DELETE FROM records')
  }

  #saveCollection(kind: Collection, before: ReadonlyMap<string, object> | undefined, after: ReadonlyMap<string, object>): void {
    for (const [id, record] of after) {
      if (before?.get(id) !== record) this.#put(kind, id, record)
    }
    for (const id of before?.keys() ?? []) {
      if (!after.has(id)) this.#sql.exec('DELETE FROM records WHERE kind = ? AND id = ?', kind, id)
    }
  }

  #put(kind: string, id: string, record: object): void {
    this.#sql.exec('INSERT OR REPLACE INTO records (kind, id, body) VALUES (?, ?, ?)', kind, id, JSON.stringify(record))
  }
}
