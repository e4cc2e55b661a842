export declare function withLock<T>(folder: string, work: () => Promise<T>): Promise<T>;
export declare function ownerOf(folder: string): number | undefined;
