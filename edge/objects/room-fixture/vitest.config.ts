import { join } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const edge = join(import.meta.dirname, '../..')
const object = (className: string) => ({ className, useSQLite: true })

/** Runs the room's tests in workerd, beside real hubs, a real ledger and a real database. */
export default defineConfig({
  root: edge,
  plugins: [
    cloudflareTest(async () => ({
      main: join(import.meta.dirname, 'worker.ts'),
      miniflare: {
        compatibilityDate: '2026-10-20',
        compatibilityFlags: ['no_web_socket_compression'],
        durableObjects: {
          USER_HUB: object('UserHub'),
          ROOM: object('Room'),
          DISPATCHER: object('Dispatcher'),
          MEDIA_HOST: object('MediaHost'),
          LEDGER: object('Ledger'),
        },
        d1Databases: ['DB'],
        bindings: {
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
  test: { name: 'edge-room', include: ['objects/Room*.test.ts'] },
})
