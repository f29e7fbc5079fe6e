module gopeer/typefacts

go 1.26
