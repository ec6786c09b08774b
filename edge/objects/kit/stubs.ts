export { dispatcher, ledger, mediaHost, objectNamed, room, userHub } from '#edge/services/stubs.ts'
