/** One page of a list, and where the next one begins. */
export interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly next: string | undefined
}

/** From one row more than asked for. `cursorOf` names the row after which the next page begins. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  options: { limit: number; cursorOf: (row: Row) => string; view: (row: Row) => Item },
): PageOf<Item> {
  const shown = rows.slice(0, options.limit)
  const last = shown.at(-1)
  return { items: shown.map(options.view), next: rows.length > options.limit && last !== undefined ? options.cursorOf(last) : undefined }
}
