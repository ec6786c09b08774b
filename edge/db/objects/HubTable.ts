import { z } from 'zod'
import { emptyHub, type HubState, hubStateSchema } from '#edge/domain/hub/state.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const hubRow = z.object({ state: jsonColumn.pipe(hubStateSchema) })

/** The one record of a user's hub. */
export class HubTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, { store: 'hub', steps: ['CREATE TABLE hub (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL)'] })
    this.#sql = storage.sql
  }

  load(): HubState {
    return rowsOf(hubRow, this.#sql.exec('SELECT state FROM hub'))[0]?.state ?? emptyHub
  }

  save(state: HubState): void {
    this.#sql.exec('INSERT OR REPLACE INTO hub (id, state) VALUES (1, ?)', JSON.stringify(state))
  }
}
