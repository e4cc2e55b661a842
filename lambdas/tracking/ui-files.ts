/** One file of the stock MLflow UI as set-up keeps it (bin/local/mlflow-ui.mjs). */
export interface UiFile {
  /** Of its bytes before compression, which is also the name under which it is kept. */
  digest: string;
  bytes: number;
  /** Whether it is kept compressed. */
  gzip: boolean;
}

/** The files of the UI. A path is looked up in a list and never made into a path of the file system. */
export interface UiFiles {
  find(path: string): UiFile | undefined;
  /** The bytes as they are kept. */
  read(file: UiFile): Promise<Uint8Array>;
}
