import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'

/** The configuration database. It has no interactive transactions; changes of several statements go through `batch`. */
export type Database = DrizzleD1Database

export const database = (binding: D1Database): Database => drizzle(binding)
