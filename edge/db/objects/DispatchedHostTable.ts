import { z } from 'zod'
import { hostReportSchema, type HostReport } from '#edge/domain/fleet/host-report.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const dispatchedHostRow = z.object({ report: jsonColumn.pipe(hostReportSchema), reportedAt: z.number() })

/** The last report of each connected host of a dispatcher's region. */
export class DispatchedHostTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'dispatchedHosts',
      steps: ['CREATE TABLE dispatched_hosts (host_id TEXT PRIMARY KEY, report TEXT NOT NULL, reported_at INTEGER NOT NULL) WITHOUT ROWID'],
    })
    this.#sql = storage.sql
  }

  put(report: HostReport, options: { at: Timestamp }): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO dispatched_hosts (host_id, report, reported_at) VALUES (?, ?, ?)',
      report.hostId,
      JSON.stringify(report),
      options.at,
    )
  }

  remove(hostId: string): void {
    this.#sql.exec('DELETE FROM dispatched_hosts WHERE host_id = ?', hostId)
  }

  all(): z.infer<typeof dispatchedHostRow>[] {
    return rowsOf(dispatchedHostRow, this.#sql.exec('SELECT report, reported_at AS reportedAt FROM dispatched_hosts ORDER BY host_id'))
  }
}
