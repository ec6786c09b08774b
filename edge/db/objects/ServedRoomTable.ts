import { z } from 'zod'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import { rowsOf, setUpStore } from './store-setup.ts'

const servedRoomRow = z.object({
  room: z.string(),
  jurisdiction: jurisdictionSchema.nullable(),
})

export type ServedRoomRow = z.infer<typeof servedRoomRow>

/** The rooms that a media host was told to serve, by the process that was told. */
export class ServedRoomTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'servedRooms',
      steps: [
        'CREATE TABLE served_rooms (room TEXT PRIMARY KEY, boot_id TEXT NOT NULL, jurisdiction TEXT) WITHOUT ROWID; CREATE INDEX served_rooms_boot ON served_rooms (boot_id)',
      ],
    })
    this.#sql = storage.sql
  }

  put(row: ServedRoomRow & { bootId: string }): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO served_rooms (room, boot_id, jurisdiction) VALUES (?, ?, ?)',
      row.room,
      row.bootId,
      row.jurisdiction,
    )
  }

  has(row: { room: string; bootId: string }): boolean {
    return this.#sql.exec('SELECT 1 FROM served_rooms WHERE room = ? AND boot_id = ?', row.room, row.bootId).toArray().length > 0
  }

  remove(room: string): void {
    this.#sql.exec('DELETE FROM served_rooms WHERE room = ?', room)
  }

  /** Removes all rooms of one process and gives them. */
  takeAllOf(bootId: string): ServedRoomRow[] {
    const rows = rowsOf(servedRoomRow, this.#sql.exec('SELECT room, jurisdiction FROM served_rooms WHERE boot_id = ?', bootId))
    this.#sql.exec('DELETE FROM served_rooms WHERE boot_id = ?', bootId)
    return rows
  }

  count(): number {
    return this.#sql.exec<{ count: number }>('SELECT COUNT(*) AS count FROM served_rooms').one().count
  }
}
