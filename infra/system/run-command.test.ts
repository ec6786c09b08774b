import { describe, expect, it } from 'vitest'
import { CommandError, runCommand, tryCommand } from './run-command.ts'

describe('runCommand', () => {
  it('gives output, lines and input through', async () => {
    const lines: string[] = []
    const result = await runCommand('sh', ['-c', 'cat; echo "$GREETING" >&2'], {
      input: 'one\n',
      env: { GREETING: 'two' },
      onLine: (line) => lines.push(line),
    })
    expect(result).toMatchObject({ code: 0, stdout: 'one\n' })
    expect(lines.toSorted()).toEqual(['one', 'two'])
  })

  it('fails with the last output where the command fails', async () => {
    await expect(runCommand('sh', ['-c', 'echo because >&2; exit 3'])).rejects.toThrow(/ended with code 3\nbecause/)
  })

  it('fails where there is no such command', async () => {
    await expect(tryCommand('no-such-command-here', [])).rejects.toBeInstanceOf(CommandError)
  })
})
