declare module 'kinesalite' {
  import type { Server } from 'node:http';
  export default function kinesalite(options: {
    readonly path?: string;
    readonly createStreamMs?: number;
    readonly deleteStreamMs?: number;
    readonly updateStreamMs?: number;
    readonly shardLimit?: number;
  }): Server;
}

declare module 'kinesalite/db/index.js' {
  export function parseSequence(sequenceNumber: string): { readonly seqTime: number };
}
