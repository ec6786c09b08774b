/** Node's Buffer with its type: the Workers' types declare the global one as `any`, and the first declaration counts. */
// oxlint-disable-next-line typescript/no-unsafe-assignment -- That `any` is what this file exists to end.
export const Buffer: BufferConstructor = globalThis.Buffer
