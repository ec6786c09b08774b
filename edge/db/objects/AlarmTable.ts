import { z } from 'zod'
import type { Timestamp } from '#shared/time/clock.ts'
import { rowsOf, setUpStore } from './store-setup.ts'

const alarmRow = z.object({ name: z.string(), at: z.number(), attempts: z.number().int() })

export type AlarmRow = z.infer<typeof alarmRow>

/** The named alarms of one object. */
export class AlarmTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'alarms',
      steps: [
        'CREATE TABLE alarms (position INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, attempts INTEGER NOT NULL); CREATE INDEX alarms_at ON alarms (at)',
      ],
    })
    this.#sql = storage.sql
  }

  /** Sets an alarm anew, whether or not it existed. */
  put(name: string, at: Timestamp): void {
    this.#sql.exec(
      'INSERT INTO alarms (name, at, attempts) VALUES (?, ?, 0) ON CONFLICT (name) DO UPDATE SET at = excluded.at, attempts = 0',
      name,
      Math.ceil(at),
    )
  }

  /** Moves an existing alarm and notes how often it has been tried. */
  postpone(name: string, options: { at: Timestamp; attempts: number }): void {
    this.#sql.exec('UPDATE alarms SET at = ?, attempts = ? WHERE name = ?', Math.ceil(options.at), options.attempts, name)
  }

  remove(name: string): void {
    this.#sql.exec('DELETE FROM alarms WHERE name = ?', name)
  }

  find(name: string): AlarmRow | undefined {
    return rowsOf(alarmRow, this.#sql.exec('SELECT name, at, attempts FROM alarms WHERE name = ?', name))[0]
  }

  /** Earliest first; alarms of the same time in the order in which they were first set. */
  due(now: Timestamp): AlarmRow[] {
    return rowsOf(alarmRow, this.#sql.exec('SELECT name, at, attempts FROM alarms WHERE at <= ? ORDER BY at, position', now))
  }

  earliest(): AlarmRow[] {
    return rowsOf(alarmRow, this.#sql.exec('SELECT name, at, attempts FROM alarms ORDER BY at, position LIMIT 16'))
  }
}
