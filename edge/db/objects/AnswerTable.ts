import { z } from 'zod'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const answerRow = z.object({ status: z.number().int(), body: z.union([z.null().transform(() => undefined), jsonColumn]) })

export type AnswerRow = z.infer<typeof answerRow>

/** Answers already given, per session and request id. */
export class AnswerTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'answers',
      steps: [
        'CREATE TABLE answers (position INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, id TEXT NOT NULL, status INTEGER NOT NULL, body TEXT, UNIQUE (session, id))',
      ],
    })
    this.#sql = storage.sql
  }

  find(session: string, id: string): AnswerRow | undefined {
    return rowsOf(answerRow, this.#sql.exec('SELECT status, body FROM answers WHERE session = ? AND id = ?', session, id))[0]
  }

  insert(session: string, id: string, answer: { status: number; body?: unknown }): void {
    const body = answer.body === undefined ? null : JSON.stringify(answer.body)
    this.#sql.exec('INSERT OR IGNORE INTO answers (session, id, status, body) VALUES (?, ?, ?, ?)', session, id, answer.status, body)
  }

  /** Keeps the newest `count` of a session. */
  trim(session: string, count: number): void {
    this.#sql.exec(
      'DELETE FROM answers WHERE session = ?1 AND position <= (SELECT position FROM answers WHERE session = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)',
      session,
      count,
    )
  }

  remove(session: string): void {
    this.#sql.exec('DELETE FROM answers WHERE session = ?', session)
  }
}
