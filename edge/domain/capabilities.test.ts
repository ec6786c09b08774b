import { describe, expect, it } from 'vitest'
import { domainCapabilities, sessionCapabilities } from './capabilities.ts'

const none = { services: [], domain: [], user: [] }

describe('sessionCapabilities', () => {
  it('has what the services offer, whatever the client can do', () => {
    const capabilities = sessionCapabilities({ ...none, services: ['presence', 'contacts'] }, [])
    expect(capabilities).toEqual(['contacts', 'credentials', 'presence', 'sessions'])
  })

  it('has of the stack only what both the client can and the domain serves', () => {
    const stack = ['video-call', 'hold', 'not-a-stack-capability']
    expect(sessionCapabilities({ ...none, services: ['callcontrol'] }, stack)).toEqual([
      'call-history',
      'callcontrol',
      'credentials',
      'hold',
      'sessions',
      'video-call',
    ])
    expect(sessionCapabilities(none, stack)).toEqual(['credentials', 'sessions'])
  })

  it('adds forced names of domain and user, known or not', () => {
    const capabilities = sessionCapabilities({ services: [], domain: ['+whiteboard'], user: ['+my own.thing', 'c2cagent'] }, [])
    expect(capabilities).toEqual(['c2cagent', 'credentials', 'my own.thing', 'sessions', 'whiteboard'])
  })

  it('takes away pruned names, also those that somebody forces', () => {
    const rules = { services: ['chat', 'presence'], domain: ['-chat', '-whiteboard'], user: ['+chat', '+whiteboard', '-sessions'] }
    expect(sessionCapabilities(rules, [])).toEqual(['credentials', 'presence'])
  })

  it('knows no capability of a service whose name is inherited from Object', () => {
    expect(sessionCapabilities({ ...none, services: ['constructor', 'toString'] }, [])).toEqual(['credentials', 'sessions'])
  })
})

describe('domainCapabilities', () => {
  it('follows the rules of the domain only', () => {
    expect(domainCapabilities({ services: ['chat', 'remotelog'], domain: ['-chat', '+c2cagent'] })).toEqual([
      'c2cagent',
      'credentials',
      'log',
      'sessions',
    ])
  })
})
