import { ensureMediasoupWorker } from './ensure.ts'

// Makes the worker ahead of the first start, as an image build does; its path is the only thing on stdout.
console.log(await ensureMediasoupWorker({ log: (line) => console.error(line) }))
