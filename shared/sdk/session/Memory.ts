import type { z } from 'zod'
import type { KeyValueStorage } from '../api/client.ts'

/** One parsed value in a storage. What was stored by another version, or by another hand, is as good as nothing. */
export class Memory<Schema extends z.ZodType> {
  readonly #storage: KeyValueStorage
  readonly #key: string
  readonly #schema: Schema

  constructor(options: { storage: KeyValueStorage; key: string; schema: Schema }) {
    this.#storage = options.storage
    this.#key = options.key
    this.#schema = options.schema
  }

  read(): z.infer<Schema> | null {
    try {
      const text = this.#storage.getItem(this.#key)
      const parsed = text === null ? undefined : this.#schema.safeParse(JSON.parse(text))
      return parsed?.success ? parsed.data : null
    } catch {
      return null
    }
  }

  write(value: z.infer<Schema>): void {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(value))
    } catch {
      // A full or forbidden storage costs the resumption after a reload, nothing else.
    }
  }

  clear(): void {
    try {
      this.#storage.removeItem(this.#key)
    } catch {
      // As above.
    }
  }
}

/** Forgets everything with the process. */
export function memoryStorage(): KeyValueStorage {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}
