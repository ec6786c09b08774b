import { join } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const edge = join(import.meta.dirname, '../..')

/** Object classes by binding. */
export const objectClasses = {
  USER_HUB: 'UserHub',
  ROOM: 'Room',
  DISPATCHER: 'Dispatcher',
  MEDIA_HOST: 'MediaHost',
  LEDGER: 'Ledger',
  WEBHOOK: 'Webhook',
} as const

/**
 * A project of tests that run in workerd, in a Worker made for them.
 * @param options.fixture Folder of the Worker (`worker.ts`).
 * @param options.objects Class names by binding.
 * @param options.include Relative to `edge/`.
 * @param options.migrated Whether the database has its tables before the first test of each file.
 */
export function objectTests(options: {
  name: string
  fixture: string
  objects: Readonly<Record<string, string>>
  include: string[]
  migrated?: boolean
}): ViteUserConfig {
  const classes = Object.entries(options.objects).map(([binding, className]) => [binding, { className, useSQLite: true }])
  return defineConfig({
    root: edge,
    cacheDir: join(edge, '../node_modules/.vite', options.name),
    plugins: [
      cloudflareTest(async () => ({
        main: join(options.fixture, 'worker.ts'),
        miniflare: {
          compatibilityDate: '2026-10-20',
          compatibilityFlags: ['no_web_socket_compression'],
          durableObjects: Object.fromEntries(classes),
          d1Databases: ['DB'],
          bindings: {
            RINGWAY_LOG_LEVEL: 'error',
            RINGWAY_DEFAULT_DOMAIN: 'default',
            RINGWAY_ADMIN: 'admin@default',
            RINGWAY_ADMIN_PASSWORD: 'correct horse battery staple',
            RINGWAY_MASTER_KEY: btoa('7'.repeat(32)),
            RINGWAY_ENROLMENT_SECRET: 'enrolment-secret-of-the-tests',
            MIGRATIONS: await readD1Migrations(join(edge, 'db/migrations')),
          },
        },
      })),
    ],
    test: {
      name: options.name,
      include: options.include,
      testTimeout: 60_000,
      expect: { poll: { timeout: 10_000 } },
      setupFiles: options.migrated === true ? [join(import.meta.dirname, 'migrate.ts')] : [],
    },
  })
}
