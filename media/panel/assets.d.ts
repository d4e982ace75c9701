/** An icon of the codicons as the paths that it is drawn of: the build takes them out of the file. */
declare module '*.svg' {
  const paths: readonly string[];
  export default paths;
}

declare module '*.css';
