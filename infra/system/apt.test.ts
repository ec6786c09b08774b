import { describe, expect, it } from 'vitest'
import { ensureAptPackages, MissingPackagesError } from './apt.ts'

describe('ensureAptPackages', () => {
  it('is content with what is installed, without a word', async () => {
    const lines: string[] = []
    await ensureAptPackages(['base-files'], { purpose: 'for a test', log: (line) => lines.push(line) })
    expect(lines).toEqual([])
  })

  it('names exactly the package that cannot be had', async () => {
    const attempt = ensureAptPackages(['base-files', 'ringway-no-such-package'], { purpose: 'for a test', log: () => {} })
    await expect(attempt).rejects.toBeInstanceOf(MissingPackagesError)
    await expect(attempt).rejects.toThrow(/^Missing Debian package ringway-no-such-package, needed for a test; /)
  })
})
