import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { codesOfAll, errorTableMarkdown } from './responses.ts'

/** Markdown that a developer reads first, with the table of the error codes in its place. */
export function restGuide(): string {
  const text = readFileSync(join(import.meta.dirname, 'guide.md'), 'utf8')
  if (!text.includes(errorsMark)) throw new Error(`guide.md lacks ${errorsMark}`)
  return text.replace(errorsMark, errorTableMarkdown(codesOfAll(Object.values(operations))))
}

const errorsMark = '<!-- errors -->'
