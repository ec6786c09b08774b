import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

/** Appends to a file; when it has grown to `maxBytes`, it becomes `.1`, `.1` becomes `.2` and so on. */
export class RotatingFile {
  readonly #path: string
  readonly #maxBytes: number
  readonly #keep: number
  #descriptor: number
  #size: number
  #closed = false

  constructor(path: string, options: { maxBytes: number; keep: number }) {
    this.#path = path
    this.#maxBytes = options.maxBytes
    this.#keep = options.keep
    this.#descriptor = openSync(path, 'a', 0o600)
    this.#size = fstatSync(this.#descriptor).size
  }

  writeLine(line: string): void {
    if (this.#closed) return
    if (this.#size >= this.#maxBytes) this.#rotate()
    this.#size += writeSync(this.#descriptor, `${line}\n`)
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#descriptor)
  }

  #rotate(): void {
    closeSync(this.#descriptor)
    rmSync(`${this.#path}.${this.#keep}`, { force: true })
    for (let index = this.#keep - 1; index >= 0; index -= 1) {
      try {
        renameSync(index === 0 ? this.#path : `${this.#path}.${index}`, `${this.#path}.${index + 1}`)
      } catch {
        // Not that many yet.
      }
    }
    this.#descriptor = openSync(this.#path, 'a', 0o600)
    this.#size = 0
  }
}
