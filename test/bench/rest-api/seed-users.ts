import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Puts users into the default domain of a deployment that is not running, straight into its database file:
 * through the API a hundred thousand of them take longer than everything that is measured.
 */
export function seedUsers(stateDir: string, count: number): void {
  const database = new DatabaseSync(databaseFileIn(stateDir))
  try {
    database.exec(`
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
      insert into users (id, domain_id, username, email, role, capabilities, mobile_phone, land_line_number, alias, search, disabled, has_hub, created_at, last_login)
      select printf('01900000-0000-7000-8000-%012d', i), (select id from domains where name = 'default'), 'bench-user-' || i,
             'user-' || i || '@bench.example', 'user', '[]', '["+34600000000"]', '', 'User number ' || i, 'bench-user-' || i || ' user number ' || i, 0, 0, i, null
      from n`)
  } finally {
    database.close()
  }
}

/** Of several databases under the state folder, the one with the users. */
function databaseFileIn(stateDir: string): string {
  const files = readdirSync(stateDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sqlite'))
  const found = files.map((name) => join(stateDir, name)).find(hasUsers)
  if (found === undefined) throw new Error(`No database with users under ${stateDir}`)
  return found
}

function hasUsers(file: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return database.prepare(`select 1 from sqlite_master where type = 'table' and name = 'users'`).get() !== undefined
  } finally {
    database.close()
  }
}
