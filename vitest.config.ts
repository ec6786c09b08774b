import { join } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { configDefaults, defineConfig } from 'vitest/config'

/**
 * Which tests run where. Each test file belongs to exactly one project; `npm test` fails on a file that no project runs.
 *
 * `unit`        pure code and set-up, in Node
 * `edge-*`      one object or library each, in workerd, in a Worker of its own (edge/**\/fixture/vitest.config.ts)
 * `workerd`     the real Worker with all its bindings, in workerd
 * `fleet`       the media host, with real mediasoup workers; the load generator and one bench in short
 * `stack`       a whole Ringway started by its supervisor
 * `browser`     the same, with real Chromium
 */
const slow = { testTimeout: 120_000, hookTimeout: 240_000 }
const migrations = await readD1Migrations(join(import.meta.dirname, 'edge', 'db', 'migrations'))

export default defineConfig({
  test: {
    // Whole stacks and browsers measure behaviour over time: nothing else may run beside them.
    projects: [
      'edge/**/fixture/vitest.config.ts',
      {
        test: {
          name: 'unit',
          include: [
            '{shared,infra,edge/domain,edge/docs,edge/web,test/contract,test/house,test/runner}/**/*.test.ts',
            'edge/objects/kit-fleet/*.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                RINGWAY_ADMIN_PASSWORD: 'correct horse battery staple',
                RINGWAY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
                RINGWAY_ENROLMENT_SECRET: 'enrolment-secret-of-the-tests',
                MIGRATIONS: migrations,
                RINGWAY_FUZZ_SEED: process.env['RINGWAY_FUZZ_SEED'] ?? '',
                RINGWAY_FUZZ_SECONDS: process.env['RINGWAY_FUZZ_SECONDS'] ?? '',
              },
            },
          }),
        ],
        test: {
          name: 'workerd',
          include: ['edge/**/*.test.ts', 'test/workerd/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'edge/{docs,domain,objects,web}/**', 'edge/routes/{dispatcher,wapi}.test.ts'],
          setupFiles: ['./edge/objects/testing/migrate.ts', './edge/objects/testing/still-alarms.ts'],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'fleet', include: ['{media-fleet,test/fleet,test/bench}/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'stack', include: ['test/{start,stack}/**/*.test.ts'], fileParallelism: false, ...slow } },
      { test: { name: 'browser', include: ['test/{browser,chaos}/**/*.test.ts'], fileParallelism: false, ...slow } },
    ],
  },
})
