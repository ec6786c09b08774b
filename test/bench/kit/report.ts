import type { Machine } from './machine.ts'

export type Cell = string | number | null

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** What a bench hands back: the same figures for people and for programs. */
export interface Report {
  readonly bench: string
  readonly quick: boolean
  /** What was measured and how: lines of one paragraph. */
  readonly method: readonly string[]
  /** What else ran, and its version. */
  readonly versions: Readonly<Record<string, string>>
  /** The commands that were measured or that made the load. */
  readonly commands: readonly string[]
  readonly tables: readonly Table[]
  /** Everything measured, ratios included. */
  readonly results: Readonly<Record<string, unknown>>
  /** What limits the figures: a leg that was not reached, a load of other processes. */
  readonly notes: readonly string[]
}

const wrapAt = 118

/** The report for people, and as its last line the whole of it as JSON. */
export function printReport(report: Report, options: { machine: Machine; seconds: number; print: (line: string) => void }): void {
  const { machine, print } = options
  print('')
  print(`== ${report.bench}${report.quick ? ' (quick)' : ''} · ${machine.at.slice(0, 10)} · ${Math.round(options.seconds)} s ==`)
  print(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB · ${machine.os} · load before ${machine.loadBefore}`)
  print(
    Object.entries(report.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(' · '),
  )
  print(wrap(report.method.join(' '), ''))
  for (const table of report.tables) {
    print('')
    for (const line of formatTable(table)) print(line)
  }
  if (report.notes.length > 0) print('')
  for (const note of report.notes) print(wrap(`- ${note}`, '  '))
  print('')
  for (const command of report.commands) print(`$ ${command}`)
  const { tables: _tables, ...rest } = report
  print(JSON.stringify({ ...rest, machine, seconds: Math.round(options.seconds) }))
}

/** A title, then columns: numbers to the right, text to the left. */
export function formatTable(table: Table): string[] {
  const texts = table.rows.map((row) => row.map(formatCell))
  const widths = table.columns.map((column, index) => Math.max(column.length, ...texts.map((row) => row[index]?.length ?? 0)))
  const isNumeric = table.columns.map((_, index) => table.rows.every((row) => typeof row[index] === 'number' || row[index] === null))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (isNumeric[index] === true ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd()
  return [table.title, line(table.columns), line(widths.map((width) => '-'.repeat(width))), ...texts.map(line)]
}

function formatCell(cell: Cell): string {
  if (cell === null) return '–'
  if (typeof cell === 'string') return cell
  if (Number.isInteger(cell)) return String(cell)
  return Math.abs(cell) >= 100
    ? cell.toFixed(0)
    : Math.abs(cell) >= 10
      ? cell.toFixed(1)
      : Math.abs(cell) < 0.1
        ? String(Number(cell.toPrecision(3)))
        : cell.toFixed(2)
}

function wrap(text: string, indent: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > wrapAt) {
      lines.push(line)
      line = indent + word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].join('\n')
}
