import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Miniflare } from 'miniflare'
import { contentHash } from '../system/content-hash.ts'
import { writeFileAtomically } from '../system/write-file.ts'
import type { EdgeOptions } from './edge-options.ts'
import { databaseOnlyOptions } from './miniflare-options.ts'

const binding = 'DB'
const migrationsPath = join('edge', 'db', 'migrations')
const root = join(import.meta.dirname, '..', '..')

/** The table in which `wrangler d1 migrations` keeps its books. */
const ledgerTable = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`

/**
 * Brings the embedded database up to the migrations of `edge/db/migrations`, each in one transaction with its entry in
 * wrangler's own table. Runs in a workerd of its own before the Worker listens, so that no request meets an old schema;
 * when nothing has changed since the last time, not even that is started.
 */
export async function applyMigrations(edge: EdgeOptions): Promise<void> {
  const stamp = join(edge.resourcesFolder, 'migrations.stamp')
  const hash = contentHash([migrationsPath], { root })
  if (readIfThere(stamp) === hash) return
  rmSync(stamp, { force: true })
  const miniflare = new Miniflare(databaseOnlyOptions(edge))
  try {
    const database = await miniflare.getD1Database(binding)
    await database.prepare(ledgerTable).run()
    const applied = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>()
    const done = new Set(applied.results.map(({ name }) => name))
    for (const name of migrationFiles().filter((file) => !done.has(file))) {
      const statements = splitStatements(readFileSync(join(root, migrationsPath, name), 'utf8'))
      try {
        await database.batch([
          ...statements.map((statement) => database.prepare(statement)),
          database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
        ])
      } catch (cause) {
        throw new Error(`Migration ${name} could not be applied to the database.`, { cause })
      }
    }
  } finally {
    await miniflare.dispose()
  }
  writeFileAtomically(stamp, hash)
}

function migrationFiles(): string[] {
  return readdirSync(join(root, migrationsPath))
    .filter((name) => name.endsWith('.sql'))
    .sort()
}

/** drizzle-kit puts a marker between statements. */
function splitStatements(sql: string): string[] {
  return sql
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
