import { join } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const edge = join(import.meta.dirname, '../..')
const object = (className: string) => ({ className, useSQLite: true })

/** Runs the tests of the fleet's objects and of the dispatcher API in workerd. */
export default defineConfig({
  root: edge,
  plugins: [
    cloudflareTest(async () => ({
      main: join(import.meta.dirname, 'worker.ts'),
      miniflare: {
        compatibilityDate: '2026-10-20',
        compatibilityFlags: ['no_web_socket_compression'],
        durableObjects: {
          MEDIA_HOST: object('MediaHost'),
          DISPATCHER: object('Dispatcher'),
          LEDGER: object('Ledger'),
          ROOM: object('Room'),
        },
        d1Databases: ['DB'],
        bindings: {
          RINGWAY_LOG_LEVEL: 'error',
          RINGWAY_DEFAULT_DOMAIN: 'default',
          RINGWAY_ADMIN: 'admin@default',
          RINGWAY_ADMIN_PASSWORD: 'correct horse battery staple',
          RINGWAY_MASTER_KEY: btoa('\x07'.repeat(32)),
          RINGWAY_ENROLMENT_SECRET: 'enrolment-secret-of-the-tests',
          MIGRATIONS: await readD1Migrations(join(edge, 'db/migrations')),
        },
      },
    })),
  ],
  test: {
    name: 'edge-fleet',
    testTimeout: 60_000,
    include: ['objects/{MediaHost,Dispatcher,Ledger}.test.ts', 'routes/dispatcher.test.ts'],
    setupFiles: [join(import.meta.dirname, 'migrate.ts')],
  },
})
