import { z } from 'zod'
import { endpointSchema, newEndpoint } from '#edge/domain/webhooks/delivery.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const hookStateSchema = z.object({
  endpoint: endpointSchema,
  /** Test events so far: they are a stream of their own. */
  tests: z.number().int(),
})
export type HookState = Readonly<z.infer<typeof hookStateSchema>>

const stateRow = z.object({ body: jsonColumn.pipe(hookStateSchema) })

/** How one endpoint has been doing. */
export class HookStateTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'hook-state',
      steps: ['CREATE TABLE hook_state (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)'],
    })
    this.#sql = storage.sql
  }

  load(): HookState {
    return rowsOf(stateRow, this.#sql.exec('SELECT body FROM hook_state'))[0]?.body ?? { endpoint: newEndpoint, tests: 0 }
  }

  save(state: HookState): void {
    this.#sql.exec('INSERT OR REPLACE INTO hook_state (id, body) VALUES (0, ?)', JSON.stringify(state))
  }
}
