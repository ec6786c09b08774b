import { defineConfig } from 'drizzle-kit'

/** Read by `npx drizzle-kit generate --config edge/db/drizzle.config.ts`. */
export default defineConfig({ dialect: 'sqlite', schema: './edge/db/d1/schema/*.ts', out: './edge/db/migrations' })
