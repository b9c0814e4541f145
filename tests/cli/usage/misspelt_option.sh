winnow tag --modle x 2>&1
