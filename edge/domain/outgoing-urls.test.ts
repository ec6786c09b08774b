import { expect, it } from 'vitest'
import { outgoingUrl } from './outgoing-urls.ts'

const verdict = (text: string, allowLoopback = false): string => {
  const result = outgoingUrl(text, { allowLoopback })
  return result.ok ? result.value.href : result.error
}

it.each([
  ['https://accounts.example.com', 'https://accounts.example.com/'],
  ['https://accounts.example.com:8443/realms/x?y=z', 'https://accounts.example.com:8443/realms/x?y=z'],
  ['https://8.8.8.8/', 'https://8.8.8.8/'],
  ['https://172.32.0.1/', 'https://172.32.0.1/'],
  ['https://100.128.0.1/', 'https://100.128.0.1/'],
  ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/'],
  ['https://[2001:4860:4860::8888]/', 'https://[2001:4860:4860::8888]/'],
])('calls %s', (text, href) => {
  expect(verdict(text)).toBe(href)
  expect(verdict(text, true)).toBe(href)
})

it.each([
  ['', 'notAUrl'],
  ['example.com', 'notAUrl'],
  ['ftp://example.com', 'notAUrl'],
  ['file:///etc/passwd', 'notAUrl'],
  ['mailto:a@example.com', 'notAUrl'],
  [`https://example.com/${'x'.repeat(2048)}`, 'notAUrl'],
  ['https://user:secret@example.com/', 'credentialsInUrl'],
  ['https://example.com@10.0.0.1/', 'credentialsInUrl'],
  ['https://example.com/#x', 'fragmentInUrl'],
  ['https://example.com/#', 'fragmentInUrl'],
  ['http://example.com/', 'notHttps'],
  ['http://8.8.8.8/', 'notHttps'],
])('does not call %j: %s', (text, refusal) => {
  expect(verdict(text)).toBe(refusal)
  expect(verdict(text, true)).toBe(refusal)
})

it.each([
  'https://10.1.2.3/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.64.0.1/',
  'https://0.0.0.0/',
  'https://0/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://192.0.2.1/',
  'https://198.18.0.1/',
  'https://0xa.1.2.3/',
  'https://167838211/',
  'https://012.1.2.3/',
  'https://router/',
  'https://router./',
  'https://db.internal/',
  'https://db.internal./',
  'https://metadata.google.internal/',
  'https://printer.local/',
  'https://nas.home.arpa/',
  'https://[::]/',
  'https://[fe80::1]/',
  'https://[fd00::1]/',
  'https://[fc00::1]/',
  'https://[ff02::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[64:ff9b::10.0.0.1]/',
  'https://[2002:a00:1::]/',
  'https://[2001::1]/',
  'https://[2001:db8::1]/',
  'https://foo.localhost/',
])('never calls %s', (text) => {
  expect(verdict(text)).toBe('privateAddress')
  expect(verdict(text, true)).toBe('privateAddress')
})

it.each([
  'http://localhost:3000/',
  'https://localhost/',
  'http://127.0.0.1:3000/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[::1]:3000/',
  'http://localhost./',
])('calls %s only where this machine may be called', (text) => {
  expect(verdict(text)).toBe('privateAddress')
  expect(outgoingUrl(text, { allowLoopback: true }).ok).toBe(true)
})
