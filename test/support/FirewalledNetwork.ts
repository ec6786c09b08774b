import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '#infra/system/run-command.ts'

/**
 * A network namespace behind a firewall that lets TCP to a few ports out and nothing else, joined to this
 * machine by one link. Needs root. Always `close()` it.
 */
export class FirewalledNetwork {
  /** This machine, as seen from inside and from outside. */
  readonly serverAddress: string
  readonly #name: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringway-network-'))

  static async open(): Promise<FirewalledNetwork> {
    const network = new FirewalledNetwork(process.pid % 250)
    await network.#build()
    return network
  }

  private constructor(number: number) {
    this.#name = `rw-test-${process.pid}`
    this.serverAddress = `10.213.${number}.1`
  }

  /** Replaces the ports that may be connected to. */
  async allowTcp(ports: readonly number[]): Promise<void> {
    const rules = `
      flush ruleset
      table inet firewall {
        chain output {
          type filter hook output priority 0; policy drop;
          oif lo accept
          ip daddr ${this.serverAddress} tcp dport { ${ports.join(', ')} } accept
        }
      }`
    await runCommand('ip', ['netns', 'exec', this.#name, 'nft', '-f', '-'], { input: rules })
  }

  /** A program that runs another one inside, for what takes only the path of an executable. */
  executable(program: string): string {
    const path = join(this.#folder, 'inside.sh')
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.#name} ${program} "$@"\n`)
    chmodSync(path, 0o755)
    return path
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await runCommand('ip', ['netns', 'delete', this.#name]).catch(() => undefined)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #build(): Promise<void> {
    const [outside, inside] = [`rwo${process.pid}`, `rwi${process.pid}`]
    const clientAddress = this.serverAddress.replace(/\.1$/, '.2')
    try {
      await runCommand('ip', ['netns', 'add', this.#name])
      await runCommand('ip', ['link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', this.#name])
      await runCommand('ip', ['address', 'add', `${this.serverAddress}/24`, 'dev', outside])
      await runCommand('ip', ['link', 'set', outside, 'up'])
      for (const command of [
        ['address', 'add', `${clientAddress}/24`, 'dev', inside],
        ['link', 'set', inside, 'up'],
        ['link', 'set', 'lo', 'up'],
      ])
        await runCommand('ip', ['-n', this.#name, ...command])
    } catch (error) {
      await this.close()
      throw error
    }
  }
}
