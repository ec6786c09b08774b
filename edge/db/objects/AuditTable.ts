import { z } from 'zod'
import { type AuditEntry, auditEntrySchema } from '#shared/protocol/sapi/audit.ts'
import type { LogQuery } from '#edge/domain/ledger/login-failures.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const auditRow = z.object({
  entry: jsonColumn,
  status: z.number().nullable(),
  finished: z.number().nullable(),
  created: z.string().nullable(),
})

export type AuditOutcome = Pick<AuditEntry, 'id' | 'created'> & { readonly status: number; readonly finished: number }

/** What the admins of one domain have changed in one month. */
export class AuditTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'audit',
      steps: [
        'CREATE TABLE audit (id TEXT PRIMARY KEY, entry TEXT NOT NULL, status INTEGER, finished INTEGER, created TEXT) WITHOUT ROWID',
      ],
    })
    this.#sql = storage.sql
  }

  insert(entry: AuditEntry): void {
    this.#sql.exec('INSERT INTO audit (id, entry) VALUES (?, ?) ON CONFLICT (id) DO NOTHING', entry.id, JSON.stringify(entry))
  }

  /** Notes the outcome that came first. */
  finish({ id, status, finished, created }: AuditOutcome): void {
    this.#sql.exec(
      'UPDATE audit SET status = ?, finished = ?, created = ? WHERE id = ? AND status IS NULL',
      ...[status, Math.floor(finished), created, id],
    )
  }

  newestFirst({ after = '~', limit }: LogQuery): AuditEntry[] {
    return rowsOf(
      auditRow,
      this.#sql.exec('SELECT entry, status, finished, created FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?', after, limit),
    ).map(({ entry, ...outcome }) => auditEntrySchema.parse({ ...z.looseObject({}).parse(entry), ...outcome }))
  }
}
